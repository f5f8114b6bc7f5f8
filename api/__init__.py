"""HTTP and web pages: each door calls one service function and shows the answer.

Refuses: SQL, business rules, device access.
"""
