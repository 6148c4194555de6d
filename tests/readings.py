"""Reads a source as one form, in this process: the limited one has tests of its own."""

from cchc_public.files.grid import read_pasted_text
from cchc_public.files.opening import open_document
from cchc_public.reading.questions import Context
from cchc_public.reading.sources import read_source


def read_file_as(form, data, name="x", **answers):
    return read_source(open_document(data, name), form, Context(answers=_ids(answers)))


def read_text_as(form, text, **answers):
    return read_source(read_pasted_text(text), form, Context(answers=_ids(answers)))


def _ids(answers):
    return {key.replace("_", "-", 1): value for key, value in answers.items()}
