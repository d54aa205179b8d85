"""QAComplete's JSON beside tests: releases, requirements, defects, test sets, configurations, notes, links (§6)."""

from connectors.qacomplete.wire.cases import Flag, Id, Number, Text, Wire, WireOwned


class WireItem(WireOwned):
    """What they share. Names differ between kinds on purpose (§6.10), and between samples of one kind."""

    status_code: Text = None
    is_active: Flag = None
    priority_code: Text = None
    created_user_name: Text = None
    update_user_id: Id = None
    updated_user_name: Text = None
    nbr_notes: Number = None
    nbr_files: Number = None


class WireRelease(WireItem):
    """§6.5."""

    parent_id: Id = None
    release_type: Text = None
    est_start_date: Text = None
    est_finish_date: Text = None


class WireConfiguration(WireItem):
    """§6.11."""

    operating_system: Text = None
    browser: Text = None
    resolution: Text = None


class WireOpened(WireItem):
    """What somebody opens, who is its author."""

    opened_by: Id = None
    opened_by_name: Text = None
    date_opened: Text = None


class WireRequirement(WireOpened):
    """§6.6."""

    business_rule: Text = None
    comments: Text = None
    grouping: Text = None
    sub_grouping: Text = None
    keywords: Text = None


class WireDefect(WireOpened):
    """§6.7; the least certain list of all."""

    date_closed: Text = None
    severity_code: Text = None
    steps_to_repro: Text = None
    expected_results: Text = None
    actual_results: Text = None
    resolution: Text = None
    resolution_code: Text = None
    issue_code: Text = None
    module_code: Text = None
    functional_area_code: Text = None
    how_found_code: Text = None
    software_version_code: Text = None


class WireTestSet(WireItem):
    """§6.10."""

    execution_type: Text = None
    is_sequential: Flag = None
    nbr_tests: Number = None


class WireTestSetItem(Wire):
    """§6.10."""

    id: Id = None
    test_id: Id = None
    seq: Number = None
    is_active: Flag = None
    active: Flag = None


class WireHanging(Wire):
    """What hangs on an item: who put it there, and when."""

    id: Id = None
    date_created: Text = None
    date_updated: Text = None
    update_user_id: Id = None
    user_name: Text = None


class WireNote(WireHanging):
    """§6.14."""

    description: Text = None


class WireFile(WireHanging):
    """§7.1; documented answers hold no id, real ones very probably do."""

    attachment_id: Id = None
    file_name: Text = None
    title: Text = None
    comments: Text = None


class WireLink(Wire):
    """§6.15. Which end comes first says nothing about the item that was asked for."""

    link_id: Id = None
    entity_code: Text = None
    entity_id: Id = None
    linked_entity_code: Text = None
    linked_entity_id: Id = None
