"""The report's Table 1 beside ours: which runs it takes, and the document made of their stored records.

The report is "Project Report: Neural Style Transfer" (B. Govardhan Reddy and Y. Kadam, CS725, IIT Bombay, 2021).
"""
