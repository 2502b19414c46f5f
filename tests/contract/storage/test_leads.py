"""What an import leaves, and names that two processes make at once."""

import threading

from dialer.leads.importer import ImportOptions, import_file
from dialer.storage import do_not_call, leads, schema
from dialer.storage.workspaces import ensure_workspace
from tests.stores import number


def row(store, phone, attributes="{}"):
    return (store.workspace_id, store.list_id, 1.0, phone, "US", "mobile", 1, attributes)


def add(store, *rows):
    with store.database.write() as connection:
        return leads.add_leads(connection, list(rows))


def test_only_numbers_that_are_new_to_the_list_are_added_and_counted(store):
    assert add(store, row(store, number(0)), row(store, number(1)), row(store, number(0))) == 2
    assert add(store, row(store, number(1)), row(store, number(2))) == 1
    assert add(store) == 0
    assert [phone for (phone,) in store.rows(schema.lead, "phone")] == [number(index) for index in range(3)]


def test_several_pieces_of_one_transaction_are_counted_apart(store):
    with store.database.write() as connection:
        counts = [leads.add_leads(connection, [row(store, number(index))]) for index in (0, 0, 1)]
    assert counts == [1, 0, 1]


def test_texts_of_a_list_are_kept_as_they_are(store):
    odd = '{"name": "tab\\t, quote \', percent %s, backslash \\\\, \u4f60\u597d"}'
    add(store, row(store, number(0), odd))
    assert store.rows(schema.lead, "attributes") == [(odd,)]


def test_an_import_accounts_for_every_row_and_may_be_repeated(store, tmp_path):
    path = tmp_path / "people.csv"
    rows = [f"+1212555{index:04},name {index}" for index in range(3_000)]
    path.write_text("\n".join(["phone,name", *rows, rows[0], "12,nobody"]))
    options = ImportOptions(list_name="people", region="US")
    for imported in (3_000, 0):
        report = import_file(store.database, store.workspace_id, path=path, options=options, at=1.0)
        assert (report.rows, report.imported, report.rejected) == (3_002, imported, 1)
        assert report.duplicates == 3_001 - imported


def test_a_number_is_listed_once_by_whoever_came_first(store):
    for who, new in (("eve", 2), ("bob", 1)):
        with store.database.write() as connection:
            numbers = [number(0), number(1 if who == "eve" else 2)]
            added = do_not_call.add(connection, store.workspace_id, numbers, who=who, reason="", at=1.0)
        assert added == new
    assert store.rows(schema.do_not_call, "number", "who") == [
        (number(0), "eve"),
        (number(1), "eve"),
        (number(2), "bob"),
    ]


def test_processes_that_name_a_workspace_at_once_get_the_same_one(store):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(ensure_workspace(store.database, "south")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
