"""Test cases in CSV files and workbooks: exports of other tools, or tables that people keep by hand."""
