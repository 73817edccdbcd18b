"""Every text of the pages, one module a page: plain words, one voice, ready to be translated."""
