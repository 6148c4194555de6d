"""Every public template uses exactly what its declared context holds."""

from dataclasses import fields

import pytest
from flask import Flask
from jinja2 import meta, nodes

from cchc_public.paths import find_folder
from cchc_public.web import contexts
from cchc_public.web.jinja import GLOBALS, register

TEMPLATES = find_folder("templates")
PAGES = {
    "cchc/public/overview.html": contexts.OverviewPage,
    "cchc/public/periods.html": contexts.PeriodsPage,
    "cchc/public/period.html": contexts.PeriodPage,
    "cchc/public/table.html": contexts.TablePage,
    "cchc/public/withdrawn.html": contexts.WithdrawnPage,
    "cchc/public/satisfaction.html": contexts.SatisfactionPage,
    "cchc/public/corrections.html": contexts.CorrectionsPage,
    "cchc/public/about.html": contexts.AboutPage,
    "cchc/errors/problem.html": contexts.ErrorPage,
}
# what Flask and the extension give to every template
AMBIENT = {"request", "config", "session", "g", "url_for", "cchc_config", "cchc_may", "super"}


def used_names(name: str, found: set[str] | None = None) -> set[str]:
    """Return the undeclared names of a template and of what it includes."""
    found = set() if found is None else found
    app = Flask(__name__)
    register(app)
    environment = app.jinja_env
    tree = environment.parse((TEMPLATES / name).read_text(encoding="utf-8"))
    found |= meta.find_undeclared_variables(tree) - macro_names(tree)
    for include in tree.find_all(nodes.Include):
        if isinstance(include.template, nodes.Const):
            used_names(include.template.value, found)
    return found - AMBIENT - set(GLOBALS)


def macro_names(tree: nodes.Template) -> set[str]:
    """Return what the template imports or defines: blocks see it, the parser does not know that."""
    names = {macro.name for macro in tree.find_all(nodes.Macro)}
    for line in tree.find_all(nodes.FromImport):
        names |= {name[1] if isinstance(name, tuple) else name for name in line.names}
    return names


@pytest.mark.parametrize(("template", "page"), PAGES.items())
def test_template_and_declared_context_agree(template, page):
    assert used_names(template) == {field.name for field in fields(page)}


def test_every_declared_page_is_listed_here():
    declared = {
        value
        for name, value in vars(contexts).items()
        if name.endswith("Page") and isinstance(value, type)
    }
    assert declared == set(PAGES.values())
