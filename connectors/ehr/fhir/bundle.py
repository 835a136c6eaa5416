"""A FHIR R4 bundle: its resources, and the references between them."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

from connectors.ehr.fhir.nodes import MAX_ITEMS, FhirError, Node

BUNDLE_TYPES = frozenset({"transaction", "batch", "collection", "searchset"})


class Resource(Node):
    """A resource of the bundle, or one contained in another. `owner` resolves `#id` references."""

    __slots__ = ("_contained", "fullurl", "owner", "type")

    def __init__(self, data: dict[str, Any], path: str, fullurl: str = "", owner: "Resource | None" = None) -> None:
        self.type = str(data.get("resourceType", ""))[:64]
        super().__init__(data, f"{path} ({self.type})" if self.type.isalnum() else path)
        self.fullurl = fullurl
        self.owner = owner or self
        self._contained: dict[str, Resource] | None = None

    def find_contained(self, local_id: str) -> "Resource | None":
        """The first of the resources contained in this one that has the id."""
        if self._contained is None:
            self._contained = {}
            for each in self.nodes("contained", MAX_ITEMS):
                self._contained.setdefault(each.text("id"), Resource(each.data, each.path, owner=self))
        return self._contained.get(local_id)


class Bundle:
    """The resources of a bundle by type, and by every name that a reference may use.

    Raises FhirError when the document is not a bundle that is read here.
    """

    def __init__(self, document: Any) -> None:
        if not isinstance(document, dict) or document.get("resourceType") != "Bundle":
            remedy = "send a Bundle of type transaction, batch, collection or searchset"
            raise FhirError("document", "not a FHIR Bundle", remedy)
        self.root = Node(document, "Bundle")
        self.root.code("type", BUNDLE_TYPES)
        self.by_type: dict[str, list[Resource]] = {}
        self.empty_entries: list[str] = []
        self.unreadable: list[FhirError] = []
        self._by_name: dict[str, Resource | None] = {}  # None: two different resources claim the name
        for entry in self.root.nodes("entry", MAX_ITEMS):
            try:
                self._add_entry(entry)
            except FhirError as error:
                self.unreadable.append(error)

    def resources(self, *types: str) -> Iterator[Resource]:
        """All resources of these types, in the order of the bundle."""
        for each in types:
            yield from self.by_type.get(each, ())

    def resolve(self, owner: Resource, reference: Node) -> Resource | None:
        """The resource that a Reference names, or None when it is not in the bundle.

        Takes `#contained`, fullUrl, `Type/id` (with or without version), `Type?identifier=system|value`, and a
        Reference that has an identifier instead. Raises FhirError when two resources have the name.
        """
        name = reference.text("reference")
        if name.startswith("#"):
            return owner.owner.find_contained(name[1:])
        for key in _name_reference(name, reference.node("identifier")):
            if key in self._by_name:
                found = self._by_name[key]
                if found is None:
                    remedy = "give each resource its own fullUrl, id and identifier"
                    raise FhirError(f"{reference.path}.reference", "two resources of the bundle have this name", remedy)
                return found
        return None

    def _add_entry(self, entry: Node) -> None:
        body = entry.node("resource")
        if not body:
            self.empty_entries.append(entry.path)
            return
        resource = Resource(body.data, body.path, entry.text("fullUrl"))
        names = list(_name_resource(resource))
        self.by_type.setdefault(resource.type, []).append(resource)
        for name in names:
            known = self._by_name.setdefault(name, resource)
            if known is not None and known is not resource and known.data != resource.data:
                self._by_name[name] = None


def _name_resource(resource: Resource) -> Iterator[str]:
    if resource.fullurl:
        yield resource.fullurl
    if resource_id := resource.text("id"):
        yield f"{resource.type}/{resource_id}"
        yield f"urn:uuid:{resource_id}"
    # Types differ in whether `identifier` is one or many; those that matter here have many.
    if isinstance(resource.data.get("identifier"), list):
        for identifier in resource.nodes("identifier"):
            if value := identifier.text("value"):
                name = f"?{identifier.text('system')}|{value}"
                yield name
                yield resource.type + name


def _name_reference(reference: str, identifier: Node) -> Iterator[str]:
    """The names to look for, in order."""
    if system_and_value := read_conditional(reference):
        yield f"{reference.partition('?')[0]}?{system_and_value[0]}|{system_and_value[1]}"
    elif reference:
        yield reference.partition("/_history/")[0]
    if value := identifier.text("value"):
        yield f"?{identifier.text('system')}|{value}"


def read_conditional(reference: str) -> tuple[str, str] | None:
    """(system, value) of a conditional reference `Type?identifier=system|value`."""
    _, mark, query = reference.partition("?")
    if not mark:
        return None
    values = parse_qs(query, max_num_fields=10).get("identifier", [])
    if len(values) != 1:
        return None
    system, bar, value = values[0].rpartition("|")
    return (system, value) if bar and value else None
