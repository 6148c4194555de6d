"""Screens of the report: period, sheets, reasons, publication, trail."""
