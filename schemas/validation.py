"""What is wrong with a document, in words that hold none of it."""

from pydantic import ValidationError


def describe_validation(error: ValidationError) -> str:
    """Which fields are wrong and why, without a single value: values may be PHI."""
    problems = error.errors(include_url=False, include_input=False, include_context=False)
    shown = [f"{'.'.join(map(str, problem['loc'])) or 'document'}: {problem['msg']}" for problem in problems[:5]]
    more = f" (and {len(problems) - 5} more)" if len(problems) > 5 else ""
    return "; ".join(shown) + more
