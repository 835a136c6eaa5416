"""Statements as patients get them: a web page and a PDF from the same content."""

from connectors.statements.html import render_html
from connectors.statements.pdf import PdfWriter

__all__ = ["PdfWriter", "render_html"]
