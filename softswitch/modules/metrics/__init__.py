"""Figures for Prometheus and a page that tells whether the switch is well."""
