"""Every text of the page "Help" that is not in a document."""

ALL_DOCUMENTS = "All documents"
SEE_ALSO = "See also"
UNKNOWN = "There is no document of this name. These are all documents."
