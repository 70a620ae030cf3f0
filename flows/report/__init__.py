"""The report: numbers, text and pages from findings, and the manifest of what was made."""
