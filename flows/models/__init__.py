"""Models: a series goes in, a frozen result comes out; nothing reads, writes or draws."""
