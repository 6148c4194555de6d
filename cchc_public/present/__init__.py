"""Words, headlines, charts and laid-out tables: one for page, paper, workbook and widget."""
