"""Documents for people: letters set by typst from a template and facts; a template holds words and layout, no rules."""
