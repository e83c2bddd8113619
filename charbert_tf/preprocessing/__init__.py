"""From text to features, inside the graph."""
