"""The roofline: what is exact about it, and that measuring starts, stops, goes on and leaves nothing behind."""
