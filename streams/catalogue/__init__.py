"""What is written from the code: schemas, examples, the pages of events and of commands, and what is masked."""
