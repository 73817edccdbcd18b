"""What pages share: files that come in, charts, and what a visit keeps."""
