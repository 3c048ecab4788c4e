"""Referees: networks and formulas that judge every stylised picture alike, whatever made it."""
