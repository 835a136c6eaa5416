"""What things are: events, money, identifiers, X12 layouts and the ports that others implement."""
