"""The one error of the lab: a sentence for the person who typed the command."""


class LabError(Exception):
    """The lab cannot go on; the message is one sentence and names the cure where one exists."""
