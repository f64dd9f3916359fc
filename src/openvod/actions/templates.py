"""Templates of ProcessMediaByMPS: CreateMPSTemplate, DescribeMPSTemplates, ModifyMPSTemplate and DeleteMPSTemplate."""

from dataclasses import replace

from openvod.actions import Call, action
from openvod.core import custom_templates, jsontext, spec, templates
from openvod.core.answers import json_text
from openvod.core.custom_templates import ABOUT, Row
from openvod.core.errors import ApiError
from openvod.core.models import Json
from openvod.core.times import iso
from openvod.store.templates import MOST, Template, TooManyTemplates

DEFAULT_LIMIT = 10


@action("CreateMPSTemplate")
def create_mps_template(call: Call) -> Json:
    """A custom template under the application's next number; numbers begin at 30001 and are never used again."""
    sub_app = call.active_sub_app()
    kind = call.params["TemplateType"]
    given, at = _given(call, "MPSCreateTemplateParams", f"{kind}Template")
    parameters = custom_templates.checked(
        kind, _parameters(given), at, lambda number: _embed(call, sub_app.id, number)
    )
    try:
        template = call.store.templates.add(
            sub_app.id, kind, given.get("Name", ""), given.get("Comment", ""), parameters
        )
    except TooManyTemplates as error:
        raise ApiError("LimitExceeded.TooMuchTemplate", limit=MOST) from error
    return {"Definition": template.definition}


@action("ModifyMPSTemplate")
def modify_mps_template(call: Call) -> Json:
    """Change what is given of a custom template; the whole must hold together again. Tasks keep what they began with."""
    sub_app = call.active_sub_app()
    kind = call.params["TemplateType"]
    given, at = _given(call, "MPSModifyTemplateParams", f"{kind}TemplateForUpdate")
    definition = given["Definition"]
    if _is_preset(kind, definition):
        raise ApiError("InvalidParameterValue.ModifyDefaultTemplate", definition=definition)
    embeds = {number: _embed(call, sub_app.id, number) for number in _embed_ids(given)}

    def embed(number: int) -> Json | None:
        return embeds.get(number, {})  # a number that stays was checked when it was set

    def changed(old: Template) -> Template:
        parameters = custom_templates.merged(old.parameters, _parameters(given))
        return replace(
            old,
            name=given.get("Name", old.name),
            comment=given.get("Comment", old.comment),
            parameters=custom_templates.checked(kind, parameters, at, embed),
        )

    if not call.store.templates.modify(sub_app.id, kind, definition, changed):
        raise ApiError("ResourceNotFound.TemplateNotExist", kind=kind, definition=definition)
    return {}


@action("DeleteMPSTemplate")
def delete_mps_template(call: Call) -> Json:
    """Forget a custom template. Tasks that were accepted with it have its parameters."""
    sub_app = call.active_sub_app()
    kind, definition = call.params["TemplateType"], call.params["Definition"]
    if _is_preset(kind, definition):
        raise ApiError("InvalidParameterValue.DeleteDefaultTemplate", definition=definition)
    if not call.store.templates.delete(sub_app.id, kind, definition):
        raise ApiError("ResourceNotFound.TemplateNotExist", kind=kind, definition=definition)
    return {}


@action("DescribeMPSTemplates")
def describe_mps_templates(call: Call) -> Json:
    """Presets and custom templates of one type, the highest number (so the newest) first."""
    sub_app = call.sub_app()
    kind = call.params["TemplateType"]
    wanted = _passed_on(call, "MPSDescribeTemplateParams", "MPSDescribeTemplateParams")
    rows = [_row(template) for template in call.store.templates.list(sub_app.id, kind)]
    rows = [row for row in custom_templates.presets(kind) + rows if _matches(row, wanted)]
    rows.sort(reverse=True)
    offset = wanted.get("Offset", 0)
    page = rows[offset : offset + wanted.get("Limit", DEFAULT_LIMIT)]
    return {
        "TotalCount": len(rows),
        "MPSTemplateSet": [
            {"TaskType": kind, "MPSTemplateInfo": json_text(custom_templates.info(kind, row))} for row in page
        ],
    }


def _matches(row: Row, wanted: Json) -> bool:
    """Absent, null and empty filters are none; a name must be the whole name."""
    kind = "Preset" if row.preset else "Custom"
    return (
        row.definition in (wanted.get("Definitions") or [row.definition])
        and wanted.get("Type", kind) == kind
        and (wanted.get("Name") or row.name) == row.name
    )


def _row(template: Template) -> Row:
    return Row(
        template.definition,
        template.name,
        template.comment,
        False,
        "",
        template.parameters,
        iso(template.created),
        iso(template.updated),
    )


def _given(call: Call, text: str, struct: str) -> tuple[Json, str]:
    """The template that a request gives, and its path: the JSON text wins over the structure of its TemplateType."""
    if call.params.get(text):
        return _passed_on(call, text, struct), text
    field = f"{call.params['TemplateType']}Template"
    if field not in call.params:
        raise ApiError("MissingParameter", field=field)
    return call.params[field], field


def _passed_on(call: Call, text: str, struct: str) -> Json:
    """A JSON text, checked as the media-processing API would: with its required fields, ignoring others than it has."""
    if not call.params.get(text):
        return {}
    try:
        given = jsontext.parse(call.params[text])
    except jsontext.NotJson as error:
        raise ApiError("InvalidParameter/json", field=text, reason=error.text) from error
    return spec.load().check_struct(struct, given, at=text, unknown="ignore")


def _parameters(given: Json) -> Json:
    return {name: value for name, value in given.items() if name not in ABOUT}


def _is_preset(kind: str, definition: int) -> bool:
    return any(row["Definition"] == definition for row in templates.presets(kind))


def _embed_ids(given: Json) -> set[int]:
    holders = (given, given.get("EraseSubtitleConfig", {}))
    return {holder["SubtitleEmbedId"] for holder in holders if holder.get("SubtitleEmbedId")}


def _embed(call: Call, sub_app_id: int, definition: int) -> Json | None:
    preset = templates.embed(definition)
    if preset is not None:
        return preset
    own = call.store.templates.get(sub_app_id, "EmbedSubtitle", definition)
    return None if own is None else own.parameters
