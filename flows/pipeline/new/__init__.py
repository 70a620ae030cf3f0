"""A new project of one's own: a question and downloads in, a folder that builds out."""
