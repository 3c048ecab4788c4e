"""How time and memory grow with size, style layers, batch and cells: points, fits, plots, what follows."""
