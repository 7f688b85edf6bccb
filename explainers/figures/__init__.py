"""Arrays in, pictures out: the only place where plotly is used."""
