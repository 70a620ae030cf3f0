"""What an appendix is deposited with: references, metadata, a codebook and where it came from."""
