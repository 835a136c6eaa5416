"""Statements as patients get them: a web page and a PDF from the same content."""

from connectors.statements.html import render_html
from connectors.statements.pdf import render_pdf

__all__ = ["render_html", "render_pdf"]
