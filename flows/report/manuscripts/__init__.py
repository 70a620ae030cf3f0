"""Numbers, tables and figures of a built report in manuscripts that are not of the project."""
