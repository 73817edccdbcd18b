"""A name in the address → the document of that name."""

from afterword.ui.help.view import choose_document, show_document

show_document(choose_document())
