"""A chain's manifest, data set and course, all of it made from its seed."""

import datetime
import random

DAY = 86_400_000_000  # microseconds
BEGIN = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
DAYS = 60

# datetime_format, granularity, its length, whether records have numbers
FORMATS = [
    ("%Y-%m-%d", "P1D", DAY, False),
    ("%Y-%m-%dT%H:%M:%SZ", "PT1S", 1_000_000, False),
    ("%Y-%m-%dT%H:%M:%S%z", "PT1S", 1_000_000, False),
    ("%Y-%m-%dT%H:%M:%S.%fZ", "PT0.001S", 1_000, False),
    ("%s", "PT1S", 1_000_000, True),
    ("%ms", "PT0.001S", 1_000, True),
]
ROUTERS = ["none", "none", "list", "shelves", "shelves", "boxes", "product", "group", "global", "full"]


def moment(us):
    return BEGIN + datetime.timedelta(microseconds=us)


def written(us, form):
    """A moment as requests and records have it."""
    at = moment(us)
    if form == "%s":
        return str(int(at.timestamp()))
    if form == "%ms":
        return str(round(at.timestamp() * 1000))
    return at.strftime(form)


def read(text, form):
    if form in ("%s", "%ms"):
        return round((int(text) / (1 if form == "%s" else 1000) - BEGIN.timestamp()) * 1_000_000)
    at = datetime.datetime.strptime(text, form)
    at = at.replace(tzinfo=datetime.timezone.utc) if at.tzinfo is None else at
    return round((at - BEGIN) / datetime.timedelta(microseconds=1))


class Scenario:
    """`streams`: {name: kind}, those that are read. `rows`: {stream: [row]}, what there will be in the end. `runs`: what
    is done, one dict a run: `runtime`, `now` (us), `signal` ("", "KILL", "TERM") and `after`, the part of its output."""

    def __init__(self, seed):
        self.seed = seed
        self.random = random.Random(seed)
        self.form, self.granularity, self.unit, self.numbers = self.pick(FORMATS)
        self.shelves = self.made_shelves()
        self.streams = {f"rows{at}": self.pick(ROUTERS) for at in range(self.pick([1, 1, 2, 3]))}
        self.incremental_parents = self.chance(0.6)
        self.dependency = self.incremental_parents and self.chance(0.7)
        self.rows = {name: self.made_rows(name, kind) for name, kind in self.streams.items()}
        self.manifest = self.made_manifest()
        if self.chance(0.3) and any(self.needs_shelves(kind) for kind in self.streams.values()):
            self.manifest["streams"].insert(0, self.shelves_stream())
            self.streams["shelves"] = "parents"
        self.runs = self.made_runs()

    def pick(self, of):
        return self.random.choice(of)

    def chance(self, probability):
        return self.random.random() < probability

    @staticmethod
    def needs_shelves(kind):
        return kind not in ("none", "list")

    # -- data ----------------------------------------------------------------------------------------------------------

    def some_moment(self, least=0):
        return self.random.randrange(least // self.unit, DAYS * DAY // self.unit + 1) * self.unit

    def made_shelves(self):
        """Most are there from the beginning. What a shelf that comes later holds may be older than itself."""
        made = []
        for number in range(self.pick([1, 2, 4, 7])):
            born = self.some_moment() if self.chance(0.25) else 0
            made.append({"id": f"s{number}" if number % 2 else number, "born": born,
                         "boxes": [f"b{number}-{box}" for box in range(self.pick([0, 1, 2, 3]))]})
        return made

    def made_rows(self, name, kind):
        partitions = {"none": [{}], "list": [{"kind": one} for one in "abc"]}.get(kind)
        if partitions is None:
            partitions = [{"shelf": shelf["id"]} for shelf in self.shelves]
        if kind == "product":
            partitions = [{"kind": one, **of} for one in "ab" for of in partitions]
        if kind == "boxes":
            partitions = [{"shelf": shelf["id"], "box": box} for shelf in self.shelves for box in shelf["boxes"]]
        made = []
        for of in partitions:
            few = 1 if len(partitions) > 1 else 3
            # All over the time, or in one short stretch of it, with nothing before and behind.
            stretch = self.some_moment() if self.chance(0.4) else None
            for _ in range(few * self.pick([0, 1, 4, 9])):
                at = self.some_moment() if stretch is None else min(stretch + self.random.randrange(5) * self.unit, DAYS * DAY)
                made.append({"id": f"{name}-{len(made)}", "at": at, **of})
        self.random.shuffle(made)
        return made

    def shelf_now(self, shelf, now):
        """When something on it changed last."""
        newest = [row["at"] for rows in self.rows.values() for row in rows if row.get("shelf") == shelf["id"] and row["at"] <= now]
        return max([shelf["born"], *newest])

    def record(self, row):
        value = written(row["at"], self.form)
        return {**row, "at": int(value) if self.numbers else value}

    # -- manifest ------------------------------------------------------------------------------------------------------

    def retriever(self, path, **more):
        return {"type": "SimpleRetriever",
                "requester": {"type": "HttpRequester", "url_base": "{{ config['url'] }}", "path": path,
                              "request_parameters": {"now": "{{ config['now'] }}", **more.pop("parameters", {})}},
                "record_selector": {"type": "RecordSelector", "extractor": {"type": "DpathExtractor", "field_path": ["rows"]}},
                "paginator": {"type": "DefaultPaginator",
                              "pagination_strategy": {"type": "PageIncrement", "page_size": 3, "start_from_page": 1, "inject_on_first_request": True},
                              "page_token_option": {"type": "RequestOption", "inject_into": "request_parameter", "field_name": "page"}},
                **more}

    def cursor(self, **more):
        option = lambda name: {"type": "RequestOption", "inject_into": "request_parameter", "field_name": name}
        made = {"type": "DatetimeBasedCursor", "cursor_field": "at", "datetime_format": self.form,
                "start_datetime": {"type": "MinMaxDatetime", "datetime": written(0, self.form), "datetime_format": self.form},
                "end_datetime": {"type": "MinMaxDatetime", "datetime": "{{ config['end'] }}", "datetime_format": self.form},
                "start_time_option": option("from"), "end_time_option": option("to")}
        if self.chance(0.6):
            made.update(step=self.pick(["P3D", "P7D", "P1M", "P20D", "P2D"]), cursor_granularity=self.granularity)
        if self.chance(0.3):
            made["lookback_window"] = self.pick(["P1D", "P5D"])
        return {**made, **more}

    def shelves_stream(self):
        stream = {"type": "DeclarativeStream", "name": "shelves", "primary_key": "id", "schema_loader": SCHEMA, "retriever": self.retriever("shelves")}
        if self.incremental_parents:
            if not hasattr(self, "parents_cursor"):
                self.parents_cursor = self.cursor()
            stream["incremental_sync"] = self.parents_cursor
        return stream

    def boxes_stream(self):
        return {"type": "DeclarativeStream", "name": "boxes", "primary_key": "id", "schema_loader": SCHEMA,
                "retriever": self.retriever("boxes", parameters={"shelf": "{{ stream_partition.shelf }}"},
                                            partition_router=self.substream(self.shelves_stream(), "shelf")),
                **({"incremental_sync": self.cursor()} if self.dependency else {})}

    def substream(self, parent, field):
        return {"type": "SubstreamPartitionRouter", "parent_stream_configs": [
            {"type": "ParentStreamConfig", "stream": parent, "parent_key": "id", "partition_field": field,
             **({"incremental_dependency": True} if self.dependency else {})}]}

    def stream(self, name, kind):
        kinds = {"type": "ListPartitionRouter", "values": ["a", "b"] if kind == "product" else ["a", "b", "c"], "cursor_field": "kind"}
        parameters = {"shelf": "{{ stream_partition.shelf }}"} if self.needs_shelves(kind) else {}
        router = None
        if kind in ("shelves", "global", "full"):
            router = self.substream(self.shelves_stream(), "shelf")
        elif kind == "list":
            router, parameters = kinds, {"kind": "{{ stream_partition.kind }}"}
        elif kind == "boxes":
            router, parameters = self.substream(self.boxes_stream(), "box"), {"box": "{{ stream_partition.box }}"}
        elif kind == "product":
            router = [kinds, self.substream(self.shelves_stream(), "shelf")]
            parameters["kind"] = "{{ stream_partition.kind }}"
        elif kind == "group":
            router = {"type": "GroupingPartitionRouter", "group_size": self.pick([1, 2, 3]), "deduplicate": True,
                      "underlying_partition_router": self.substream(self.shelves_stream(), "shelf")}
            parameters = {"shelf": "{{ stream_partition.shelf | join(',') }}"}
        more = {"global_substream_cursor": True} if kind == "global" else {}
        if kind in ("none", "list", "shelves") and self.chance(0.15):
            more[self.pick(["is_client_side_incremental", "is_data_feed"])] = True
        cursor = self.cursor(**more)
        if len(more) > (kind == "global"):  # the API knows no windows
            for key in ("start_time_option", "end_time_option", "step", "cursor_granularity", "lookback_window"):
                cursor.pop(key, None)
            if "is_data_feed" in more:
                parameters["newest_first"] = "1"
        return {"type": "DeclarativeStream", "name": name, "primary_key": "id", "schema_loader": SCHEMA,
                **({"incremental_sync": cursor} if kind != "full" else {}),
                "retriever": self.retriever(name, parameters=parameters, **({"partition_router": router} if router else {}))}

    def made_manifest(self):
        names = list(self.streams)
        return {"version": "7.0.0", "type": "DeclarativeSource", "check": {"type": "CheckStream", "stream_names": [names[0]]},
                "concurrency_level": {"type": "ConcurrencyLevel", "default_concurrency": self.pick([2, 4, 8])},
                "spec": {"type": "Spec", "connection_specification": {"type": "object", "properties": {}, "additionalProperties": True}},
                "streams": [self.stream(name, self.streams[name]) for name in names]}

    # -- course --------------------------------------------------------------------------------------------------------

    def made_runs(self):
        runtimes = self.pick([["sluice", "reference"], ["sluice", "reference"], ["sluice", "reference"], ["sluice"]])
        moments = sorted(self.some_moment(DAY * 5) for _ in range(self.pick([1, 2, 3]))) + [DAYS * DAY]
        made = []
        for now in moments:
            for _ in range(self.pick([1, 1, 2, 3])):
                made.append({"runtime": self.pick(runtimes), "now": now, "signal": self.pick(["", "KILL", "KILL", "TERM"]), "after": self.random.random(), "often": self.chance(0.5)})
        # The first completes a sync that was stopped, the second reads what came since that began.
        for _ in range(2):
            made.append({"runtime": self.pick(runtimes), "now": DAYS * DAY, "signal": "", "after": 1, "often": False})
        return made

    def config(self, url, now):
        return {"url": f"{url}/{self.seed}/", "now": now, "end": written(now, self.form)}

    def catalog(self):
        streams = {stream["name"]: stream for stream in self.manifest["streams"]}
        return {"streams": [{"stream": {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]},
                             "sync_mode": "incremental" if "incremental_sync" in streams[name] else "full_refresh",
                             "destination_sync_mode": "append"} for name in streams]}

    # -- what must be there --------------------------------------------------------------------------------------------

    def expected(self):
        """{stream: {id: row}}"""
        found = {name: {row["id"]: row for row in rows} for name, rows in self.rows.items()}
        if "shelves" in self.streams:
            found["shelves"] = {shelf["id"]: shelf for shelf in self.shelves}
        return found


SCHEMA = {"type": "InlineSchemaLoader", "schema": {"type": "object", "properties": {}}}
