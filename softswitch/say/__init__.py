"""Numbers, dates, money and letters as lists of prompts: text and time in, names of files out."""
