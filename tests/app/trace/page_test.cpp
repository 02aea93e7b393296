// The page of `trace show --html` in a real browser: what its own script makes of it. A test program of its own,
// because not every machine has a browser.
#include "app/trace/views.hpp"
#include "tests/app/trace/trace_text.hpp"
#include "tests/support/program.hpp"
#include "tests/support/temporary_file.hpp"

#include <filesystem>
#include <string>

using namespace sluice;
using namespace sluice::test;

namespace {

std::string browser() {
  for (const char* path : {"/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"})
    if (std::filesystem::exists(path))
      return path;
  return {};
}

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t result = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
    ++result;
  return result;
}

/// Part of a text between two others; empty if they are not there.
std::string between(const std::string& text, std::string_view begin, std::string_view end) {
  auto at = text.find(begin);
  if (at == std::string::npos)
    return {};
  at += begin.size();
  return text.substr(at, text.find(end, at) - at);
}

/// The document after the page's script has run.
std::string document_of(const std::string& trace, const std::string& fragment = {}, const std::string& hand = {},
                        bool sound = true) {
  temporary_directory directory;
  // What a hand would do comes after the page's own script.
  auto page
    = directory.write("page.html", trace::html_view(model_of(trace), "test.json") + "<script>" + hand + "</script>");
  auto result = run_program({browser(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                             "--no-first-run", "--disable-background-networking", "--disable-component-update",
                             "--disable-sync", "--user-data-dir=" + directory.path("profile"), "--window-size=1200,900",
                             "--virtual-time-budget=5000", "--dump-dom", "file://" + page + fragment});
  if (result.exit_code != 0)
    FAIL(result.err);
  // No script error; the template's own text is not looked at.
  CHECK((result.out.find(R"(<p id="error" role="alert" hidden=""></p>)") != std::string::npos) == sound);
  return result.out;
}

/// False, loudly, without a browser.
bool have_browser() {
  if (!browser().empty())
    return true;
  WARN("SKIPPED: no chromium here, so nobody looks whether the page works");
  return false;
}

} // namespace

TEST_CASE("the page draws the slices, the numbers over time and the actors", "[.page]") {
  if (!have_browser())
    return;
  auto document = document_of(small_run().whole());
  CHECK(document.find(R"(<h1 id="title">test.json</h1>)") != std::string::npos);
  CHECK(document.find("2020-09-13 12:26:40 UTC · sluice 9 · the run ended") != std::string::npos);
  auto totals = between(document, R"(<dl id="totals">)", "</dl>");
  CHECK(totals.find("<dt>Requests</dt><dd>3<small>1 retry, 5.9 KB</small>") != std::string::npos);
  CHECK(totals.find("<dt>Waits for the quota</dt><dd>708 ms<small>1 request, 708 ms each</small>")
        != std::string::npos);
  auto rows = between(document, R"(<div id="rows")", R"(<p class="legend">)");
  CHECK(count(rows, R"(class="row")") == 2);
  CHECK(count(rows, R"(class="head")") == 2);
  CHECK(rows.find("2020-01-01..2020-12-30") != std::string::npos);
  // Between the others lie the bars: three requests, one wait for the quota, two in the queue.
  CHECK(count(rows, R"(<rect class="request")") == 3);
  CHECK(count(rows, R"(<rect class="quota")") == 1);
  CHECK(count(rows, R"(<rect class="queued")") == 2);
  auto charts = between(document, R"(<div id="charts">)", "</section>");
  CHECK(count(charts, "<path") == 3);
  CHECK(charts.find("quota minute") != std::string::npos);
  auto actors = between(document, R"(<table id="actors">)", "</table>");
  CHECK(count(actors, "<tr>") == 1 + 5);
  CHECK(document.find("Choose a slice above") != std::string::npos);
}

TEST_CASE("the page draws the messages of the slice that its address names", "[.page]") {
  if (!have_browser())
    return;
  auto document = document_of(small_run().whole(), "#slice=1");
  CHECK(count(document, R"(class="row chosen")") == 1);
  auto chart = between(document, R"(<div id="chart")", "</section>");
  CHECK(count(chart, R"(<g class="message")") == 6);
  CHECK(count(chart, R"(<g class="answer")") == 2);
  CHECK(count(chart, R"(<g class="wait")") == 1);
  CHECK(count(chart, R"(class="actor")") == 5);
  CHECK(chart.find("answer 503 after 28 ms, 20 B: HTTP 503") != std::string::npos);
  CHECK(chart.find("waited 708 ms for the quota") != std::string::npos);
}

TEST_CASE("a click and the arrow keys choose slices", "[.page]") {
  if (!have_browser())
    return;
  auto clicked = document_of(small_run().whole(), {}, R"(
    const at = document.querySelector('.row[data-slice="1"] .back').getBoundingClientRect();
    const where = {bubbles: true, button: 0, clientX: at.left + 20, clientY: at.top + 5};
    document.querySelector('.row[data-slice="1"] .back').dispatchEvent(new PointerEvent("pointerdown", where));
    document.dispatchEvent(new PointerEvent("pointerup", where));)");
  CHECK(between(clicked, R"(<span id="slice" class="soft">)", "</span>").find("survey_details survey_id=\"1\"") == 0);
  CHECK(count(clicked, R"(<g class="message")") == 6);
  auto stepped = document_of(small_run().whole(), "#slice=0", R"(
    byId("rows").dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowDown"}));)");
  CHECK(between(stepped, R"(<span id="slice" class="soft">)", "</span>").find("survey_details survey_id=\"1\"") == 0);
}

TEST_CASE("the time is zoomed by wheel, keys and address, and moved by a drag", "[.page]") {
  if (!have_browser())
    return;
  auto ticks_after = [](const std::string& fragment, const std::string& hand) {
    return between(document_of(small_run().whole(), fragment, hand), R"(<div id="axis">)", "</div>");
  };
  auto whole = ticks_after({}, {});
  CHECK(whole.find(">0 s</text>") != std::string::npos);
  CHECK(whole.find(">0.8 s</text>") != std::string::npos);
  auto wheel = R"(
    const at = byId("rows").getBoundingClientRect();
    for (let i = 0; i < 20; ++i) byId("rows").dispatchEvent(
      new WheelEvent("wheel", {deltaY: -60, clientX: at.right - 10, clientY: at.top + 30, cancelable: true}));)";
  auto zoomed = ticks_after({}, wheel);
  CHECK(zoomed.find(">0 s</text>") == std::string::npos);
  CHECK(zoomed.find(">0.94") != std::string::npos);
  CHECK(ticks_after("#from=100000&to=200000", {}).find(">0.16 s</text>") != std::string::npos);
  CHECK(
    ticks_after("#from=100000&to=200000", R"(byId("rows").dispatchEvent(new KeyboardEvent("keydown", {key: "0"}));)")
    == whole);
  auto drag = R"(
    const at = byId("rows").getBoundingClientRect();
    const hand = (x) => ({bubbles: true, button: 0, clientX: x, clientY: at.top + 30});
    byId("rows").dispatchEvent(new PointerEvent("pointerdown", hand(at.right - 400)));
    document.dispatchEvent(new PointerEvent("pointermove", hand(at.right - 40)));
    document.dispatchEvent(new PointerEvent("pointerup", hand(at.right - 40)));)";
  auto moved = ticks_after("#from=100000&to=200000", drag);
  CHECK(moved.find(">0.16 s</text>") == std::string::npos);
  CHECK(moved.find(">0.08 s</text>") != std::string::npos);
}

TEST_CASE("slices are found by a part of their names", "[.page]") {
  if (!have_browser())
    return;
  auto document = document_of(small_run().whole(), {}, R"(
    byId("filter").value = "SURVEY_id";
    byId("filter").dispatchEvent(new Event("input"));)");
  CHECK(count(document, R"(class="row")") == 1);
  CHECK(document.find(">1 of 2</span>") != std::string::npos);
  auto none = document_of(small_run().whole(), {}, R"(
    byId("filter").value = "nobody";
    byId("filter").dispatchEvent(new Event("input"));)");
  CHECK(none.find("No slice has this in its name.") != std::string::npos);
}

TEST_CASE("slices are shown in the order that is asked for", "[.page]") {
  if (!have_browser())
    return;
  auto t = small_run();
  t.message("slice_failed", 8, 7, 970, 971, 1, R"(,"slice":"surveys bad","slice_id":5,"page":1)");
  auto order = [&t](const std::string& choice) {
    auto rows = between(document_of(t.whole(), {}, R"(
      byId("order").value = ")" + choice + R"(";
      byId("order").dispatchEvent(new Event("change"));)"),
                        R"(<div id="rows")", R"(<p class="legend">)");
    std::string result;
    for (auto at = rows.find("data-slice=\""); at != std::string::npos; at = rows.find("data-slice=\"", at + 1))
      result += rows.substr(at + 12, 1);
    return result;
  };
  // 0 is the window, 1 the details, 2 the slice that failed; those of an endpoint stay together.
  CHECK(order("begin") == "021");
  CHECK(order("longest") == "102");
  CHECK(order("failed") == "201");
}

TEST_CASE("charts that need it say what they show", "[.page]") {
  if (!have_browser())
    return;
  auto t = small_run();
  t.counter("output credit", 10, R"("bytes":57344)");
  t.counter("mailbox emitter", 10, R"("messages":3)");
  auto charts = between(document_of(t.whole()), R"(<div id="charts">)", "</section>");
  CHECK(count(charts, "Bytes reserved for answers that are awaited, or of pages that are not yet written.") == 1);
  CHECK(count(charts, "Looked at twenty times a second") == 1);
}

TEST_CASE("a fault of the page's script is shown on the page", "[.page]") {
  if (!have_browser())
    return;
  auto document = document_of(small_run().whole(), {}, "setTimeout(() => { throw new Error('planted'); });", false);
  CHECK(document.find("This page failed: Uncaught Error: planted") != std::string::npos);
}

TEST_CASE("names that look like markup are shown as they are", "[.page]") {
  if (!have_browser())
    return;
  auto t = small_run();
  t.message("permit", 8, 23, 970, 971, 1,
            R"(,"slice":"surveys </script><b id=evil>x</b><img src=x onerror=alert(1)>","slice_id":77,"page":1)");
  auto document = document_of(t.whole(), "#slice=2");
  CHECK(document.find("<b id=") == std::string::npos);
  CHECK(document.find("<img") == std::string::npos);
  CHECK(
    between(document, R"(<span id="slice" class="soft">)", "</span>").find("surveys &lt;/script&gt;&lt;b id=evil&gt;x")
    == 0);
}

TEST_CASE("the page says what is missing in the trace of a killed run", "[.page]") {
  if (!have_browser())
    return;
  auto t = small_run();
  t.message("permit", 8, 23, 970, 971, 1, R"(,"slice":"surveys cut","slice_id":9,"page":1)");
  t.message("slice_failed", 8, 7, 970, 971, 1, R"(,"slice":"surveys bad","slice_id":5,"page":1)");
  auto document = document_of(t.cut() + "{\"ph\":");
  CHECK(document.find("<dt>Slices</dt><dd>4<small>1 failed, 1 without an end</small>") != std::string::npos);
  CHECK(document.find(">? cut</text>") != std::string::npos);
  CHECK(document.find(R"(<text class="name bad")") != std::string::npos);
  auto remarks = between(document, R"(<p id="remarks">)", "</p>");
  CHECK(remarks.find("1 line is no event: the last one, if the run was killed.") == 0);
  CHECK(remarks.find("The trace has no end") != std::string::npos);
}

TEST_CASE("a page of twenty thousand slices draws only what is in sight", "[.page]") {
  if (!have_browser())
    return;
  trace_text t;
  for (int i = 0; i < 20'010; ++i) {
    auto slice
      = R"("slice":"surveys )" + std::to_string(i) + R"(","slice_id":)" + std::to_string(i + 1) + R"(,"page":1)";
    t.message("permit", 8, 23, i, i + 1, 2, "," + slice);
    t.span('b', "http", "surveys", 23, i, i + 1, slice);
    t.span('e', "http", "surveys", 23, i, i + 2, R"("status":200)");
  }
  auto document = document_of(t.whole(), "#slice=19990");
  auto rows = count(document, R"(class="row")");
  CHECK(rows > 5);
  CHECK(rows < 60);
  CHECK(count(document, R"(class="row chosen")") == 1);
  CHECK(document.find("20,000 slices; 10 of 20,010 are left out") != std::string::npos);
  CHECK(document.find(R"(<g class="message")") != std::string::npos);
}

TEST_CASE("a trace without slices and counters still makes a page", "[.page]") {
  if (!have_browser())
    return;
  trace_text t;
  t.message("tick", 8, 8, 0, 1, 1);
  auto document = document_of(t.whole());
  CHECK(document.find("This trace holds no slices.") != std::string::npos);
  CHECK(document.find("The trace holds no counters.") != std::string::npos);
}
