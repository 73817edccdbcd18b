"""Files that do harm, or are broken, made by code: what reading a stranger's file must bear."""
