"""The clearinghouse side: claim files out, acknowledgements and remittances in, and a payer to practise with."""
