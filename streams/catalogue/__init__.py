"""Events as documents: schemas, examples, the page of events, and what is masked."""
