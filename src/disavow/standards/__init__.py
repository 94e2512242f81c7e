"""What the RFCs say: pure, one file per standard; knows nothing of Disavow."""
