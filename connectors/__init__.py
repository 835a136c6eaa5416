"""Where the world touches: EHR in, clearinghouse out and in, stores, documents, code sets, exports."""
