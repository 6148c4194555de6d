"""Every public template says in its first lines what it is given, and uses exactly that."""

import re

import pytest
from flask import Flask
from jinja2 import meta, nodes

from cchc_public.paths import find_folder
from cchc_public.web.jinja import GLOBALS, register

TEMPLATES = find_folder("templates")
FACES = ("public/[a-z]*.html", "errors/problem.html", "embed/builder.html")
FRAMES = {"cchc/public/kiosk_frame.html"}
PAGES = sorted(
    {
        path.relative_to(TEMPLATES).as_posix()
        for pattern in FACES
        for path in (TEMPLATES / "cchc").glob(pattern)
    }
    - FRAMES
)
# what Flask and the extension give to every template
AMBIENT = {"request", "config", "session", "g", "url_for", "cchc_config", "cchc_may", "super"}
AMBIENT |= {"self", "cchc_withdrawn", "cchc_is_fresh"}


def used_names(name: str, found: set[str] | None = None) -> set[str]:
    """Return the undeclared names of a template and of what it includes."""
    found = set() if found is None else found
    app = Flask(__name__)
    register(app)
    environment = app.jinja_env
    tree = environment.parse((TEMPLATES / name).read_text(encoding="utf-8"))
    for include in tree.find_all(nodes.Include):
        if isinstance(include.template, nodes.Const):
            used_names(include.template.value, found)
    found |= meta.find_undeclared_variables(tree)
    return found - own_names(tree) - AMBIENT - set(GLOBALS)


def own_names(tree: nodes.Template) -> set[str]:
    """Return what the template imports, defines or sets: its blocks see that, the parser not."""
    names = {macro.name for macro in tree.find_all(nodes.Macro)}
    for line in tree.find_all(nodes.FromImport):
        names |= {name[1] if isinstance(name, tuple) else name for name in line.names}
    for line in tree.find_all((nodes.Assign, nodes.AssignBlock)):
        names |= {name.name for name in line.find_all(nodes.Name) if name.ctx == "store"}
    return names


def declared_names(name: str) -> set[str]:
    """Return what a template says that it is given."""
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    told = re.search(r"{#[^#]*Context: (.*?)\. -?#}", text, re.DOTALL)
    assert told, f"{name} does not say what it is given"
    return {word.strip() for word in re.sub(r"\([^)]*\)", "", told[1]).split(",")}


@pytest.mark.parametrize("template", PAGES)
def test_template_uses_what_it_declares(template):
    assert used_names(template) == declared_names(template)
