"""How models stand typos: scores with intervals, significance, charts, a report."""
