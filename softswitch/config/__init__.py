"""The XML registry: preprocessing, sections, typed settings."""
