"""The build: what is made from what, making it, publishing it, checking it, following it back."""
