"""The citizen's face: pages that are pure functions of releases."""

from __future__ import annotations

from flask import Blueprint

from cchc_public.public import errors, figures
from cchc_public.public.kiosk import register_kiosk_routes
from cchc_public.public.procedure_pdf import register_procedure_pdf_routes
from cchc_public.public.procedures import register_procedure_routes
from cchc_public.public.reception import register_reception_routes
from cchc_public.state import State
from cchc_public.web.assets import register_assets
from cchc_public.web.caching import attach_page_cache
from cchc_public.web.found import cchc_found, send_sitemap, share_words
from cchc_public.web.headers import attach_door
from cchc_public.web.helpful import register_helpful_routes
from cchc_public.web.release_pages import is_fresh, withdrawn_notice
from cchc_public.web.routes import PublicBlueprint


def create_blueprint(state: State) -> Blueprint:
    """Return the public blueprint with every page that is switched on."""
    blueprint = PublicBlueprint("cchc", __name__, state.config)
    attach_page_cache(blueprint)  # first: what is kept needs no look at its address
    attach_door(blueprint)
    register_assets(blueprint)
    figures.routes.add_to(blueprint)
    register_procedure_routes(blueprint, state)
    register_procedure_pdf_routes(blueprint, state)
    register_reception_routes(blueprint, state)
    register_kiosk_routes(blueprint, state)
    figures.register_pdf_routes(blueprint, state)
    blueprint.add_app_template_global(withdrawn_notice, "cchc_withdrawn")
    blueprint.add_app_template_global(is_fresh, "cchc_is_fresh")
    blueprint.add_app_template_global(cchc_found, "cchc_found")
    blueprint.add_app_template_global(share_words, "cchc_words_shared")
    blueprint.add_url_rule("/sitemap.xml", "sitemap", send_sitemap)
    register_helpful_routes(blueprint)
    errors.register(blueprint)
    return blueprint
