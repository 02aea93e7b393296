#include "config/tuning.hpp"

#include "config/tuning_file.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/places.hpp"
#include "tests/support/random_bytes.hpp"
#include "tests/support/temporary_file.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

const std::string repository = test::source_directory();

expected<tuning> load_text(const std::string& yaml) {
  test::temporary_directory dir;
  return load_tuning(dir.write("tuning.yaml", yaml), {});
}

std::string complaint(const expected<tuning>& result) {
  REQUIRE(!result);
  CHECK(result.error().code == errc::bad_tuning);
  CHECK(result.error().failure == failure_type::config_error);
  return result.error().message;
}

bool complains(const std::string& yaml, const std::string& part) {
  auto message = complaint(load_text(yaml));
  CAPTURE(message, part);
  return message.find(part) != std::string::npos && message.rfind("The tuning file ", 0) == 0;
}

std::string option_complaint(const std::string& option) {
  return complaint(load_tuning("", {option}));
}

} // namespace

TEST_CASE("without file and options the defaults are those of the contract") {
  auto t = load_tuning("", {});
  REQUIRE(t);
  CHECK(t->fetchers.pool_size == 10);
  CHECK(t->fetchers.max_pool_size == 1000);
  CHECK(!t->emitter.mailbox_bytes); // it follows the pool
  CHECK(least_mailbox_bytes == 8388608);
  CHECK(t->fan_out.mailbox == 10000);
  CHECK(t->http.connect_timeout == 10s);
  CHECK(t->http.read_timeout == 60s);
  CHECK(t->http.total_timeout == 10min);
  CHECK(t->http.max_body_bytes == 268435456);
  CHECK(t->http.max_retries == 5);
  CHECK(t->http.max_retry_time == 10min);
  CHECK(t->budget.window == 1min);
}

TEST_CASE("sections and dotted keys set the same values") {
  auto check = [](const expected<tuning>& t) {
    REQUIRE(t);
    CHECK(t->fetchers.pool_size == 20);
    CHECK(t->fetchers.max_pool_size == 1000);
    CHECK(t->emitter.mailbox_bytes == 65536);
    CHECK(t->http.read_timeout == 500ms);
    CHECK(t->http.ca_file == "/a b.pem");
  };
  check(load_text(
    "fetchers: {pool_size: 20}\nemitter:\n  mailbox_bytes: 64KiB\nhttp: {read_timeout: 500ms, ca_file: /a b.pem}\n"));
  check(load_text(
    "fetchers.pool_size: 20\nemitter.mailbox_bytes: 64KiB\nhttp.read_timeout: 500ms\nhttp.ca_file: \"/a b.pem\"\n"));
  check(load_tuning(
    "", {"fetchers.pool_size=20", "emitter.mailbox_bytes=64KiB", "http.read_timeout=500ms", "http.ca_file=/a b.pem"}));
}

TEST_CASE("options win over the file, later options over earlier ones") {
  test::temporary_directory dir;
  auto file = dir.write("tuning.yaml", "fetchers: {pool_size: 2, max_pool_size: 3}");
  auto t = load_tuning(file, {"fetchers.pool_size=4", "fetchers.pool_size=5"});
  REQUIRE(t);
  CHECK(t->fetchers.pool_size == 5);
  CHECK(t->fetchers.max_pool_size == 3);
}

TEST_CASE("a file of comments and empty sections changes nothing") {
  for (std::string yaml : {"# nothing\n", "---\n", "{}", "fetchers:\n  # pool_size: 3\n", "fetchers: {}\nhttp: ~\n"}) {
    CAPTURE(yaml);
    auto t = load_text(yaml);
    REQUIRE(t);
    CHECK(t->fetchers.pool_size == 10);
  }
}

TEST_CASE("an unknown key is refused with the nearest known one") {
  CHECK(complains("\nfetchers:\n  pool_sise: 3\n",
                  R"(line 3: "fetchers.pool_sise" is not a known key; did you mean fetchers.pool_size?)"));
  CHECK(complains("fetcher: {pool_size: 3}", "did you mean fetchers.pool_size?"));
  CHECK(complains("http.readtimeout: 3s", "did you mean http.read_timeout?"));
  CHECK(complains("zzz: 3", R"("zzz" is not a known key; known are fetchers.pool_size, )"));
  CHECK(complains("unknown:", R"("unknown" is not a known key)"));
  CHECK(
    option_complaint("fetchers.poolsize=3")
    == R"(The option --set "fetchers.poolsize=3" is not valid: "fetchers.poolsize" is not a known key; did you mean fetchers.pool_size?)");
}

TEST_CASE("a value out of range names the range") {
  CHECK(
    complains("fetchers.pool_size: 0", R"(line 1: fetchers.pool_size: "0" is out of range; allowed is 1 to 1000.)"));
  CHECK(complains("fetchers.max_pool_size: 1001", "allowed is 1 to 1000"));
  CHECK(complains("fetchers.pool_size: 99999999999999999999999999", "is out of range; allowed is 1 to 1000"));
  CHECK(complains("emitter.mailbox_bytes: 1KiB", "allowed is 64KiB to 4GiB"));
  CHECK(complains("http.max_retry_time: 2d", "allowed is 0s to 1d"));
  CHECK(option_complaint("http.max_retries=101").find("allowed is 0 to 100") != std::string::npos);
}

TEST_CASE("a value without unit or of the wrong kind says what is expected") {
  CHECK(complains("http.read_timeout: 30",
                  R"(http.read_timeout: expected a duration with its unit like 500ms, 30s or 2m, found "30")"));
  CHECK(complains("emitter.mailbox_bytes: 1000000", "expected a size with its unit"));
  CHECK(complains("emitter.mailbox_bytes: 30s", "expected a size with its unit"));
  CHECK(complains("http.read_timeout: -3s", "line 1: http.read_timeout: "));
  for (std::string value : {"ten", "-1", "1.5", "1e3", "0x10", "true", "\"\"", "10 "}) {
    CAPTURE(value);
    if (value != "10 ")
      CHECK(complains("fetchers.pool_size: " + value, "expected a whole number like 10"));
  }
  CHECK(complains("fetchers.pool_size:", "fetchers.pool_size has no value"));
  CHECK(option_complaint("fetchers.pool_size=").find("expected a whole number") != std::string::npos);
  CHECK(option_complaint("fetchers.pool_size").find("expected key=value") != std::string::npos);
  CHECK(option_complaint("").find("expected key=value") != std::string::npos);
}

TEST_CASE("YAML that is no map of settings is refused with its line") {
  CHECK(complains("- a\n- b", "line 1: expected a map of settings"));
  CHECK(complains("just text", "line 1: expected a map of settings"));
  CHECK(complains("fetchers:\n  pool_size: [1, 2]", "line 2: a list is no value of any setting"));
  CHECK(complains("fetchers:\n  pool_size: {a: {b: 1}}", "line 2: settings are nested at most two levels deep"));
  CHECK(complains("fetchers:\n  pool_size: &x 3\n  max_pool_size: *x", "line 3: aliases"));
  CHECK(complains("? {a: 1}\n: 2", "a map cannot be a key"));
  CHECK(complains("fetchers: {pool_size: 1", "line 1: "));
  CHECK(complains("a: b: c", "line 1: "));
  CHECK(complains("fetchers.pool_size: 1\n---\nfetchers.pool_size: 2", "more than one document"));
  CHECK(complains("fetchers.pool_size: 1\nfetchers: {pool_size: 2}",
                  R"(line 2: "fetchers.pool_size" is given already at line 1)"));
}

TEST_CASE("deep and wide YAML is refused at once") {
  for (std::string piece : {"[", "{", "- ", "? ", "a: {", "&a [", "'"}) {
    CAPTURE(piece);
    std::string yaml;
    while (yaml.size() < 200000)
      yaml += piece;
    CHECK_FALSE(load_text(yaml));
  }
}

TEST_CASE("a tuning file that cannot be read says so") {
  test::temporary_directory dir;
  CHECK(load_tuning(dir.path("none"), {}).error().code == errc::unreadable_file);
  CHECK(load_tuning(dir.write("empty", ""), {}).error().code == errc::unreadable_file);
  CHECK(load_tuning(dir.write("large", std::string(2 << 20, '#')), {}).error().code == errc::unreadable_file);
  CHECK(load_tuning(dir.write("latin1", "# \xE9\n"), {}).error().code == errc::unreadable_file);
}

TEST_CASE("the documented tuning file holds every key with its default, unit and range") {
  auto file = repository + "/config/sluice.yaml";
  REQUIRE(load_tuning(file, {}));
  std::ifstream in{file};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  auto settings = detail::read_settings(text);
  REQUIRE(settings);
  auto keys = tuning_keys();
  REQUIRE(settings->size() == keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    CAPTURE(keys[i].name);
    CHECK((*settings)[i].key == keys[i].name);
    CHECK((keys[i].unit == "path" ? '"' + (*settings)[i].text + '"' : (*settings)[i].text) == keys[i].default_text);
    CHECK(text.find(std::string{keys[i].unit} + ", " + keys[i].range + "\n") != std::string::npos);
    CHECK_FALSE(keys[i].effect.empty());
  }
}

TEST_CASE("every key's default and limits can be set, what is beyond them cannot") {
  for (const auto& key : tuning_keys()) {
    CAPTURE(key.name);
    auto name = std::string{key.name};
    if (key.unit == "path")
      continue;
    if (key.unit == "choice") {
      auto words = key.range.find(" or ");
      REQUIRE(words != std::string::npos);
      if (const auto comma = key.range.find(", "); comma != std::string::npos) {
        words = comma;
        CHECK(load_tuning("", {name + "=" + key.range.substr(comma + 2, key.range.find(" or ") - comma - 2)}));
      }
      CHECK(load_tuning("", {name + "=" + key.range.substr(0, words)}));
      CHECK(load_tuning("", {name + "=" + key.range.substr(key.range.find(" or ") + 4)}));
      for (const auto* wrong : {"", "|", "stop|wait", "Stop", "sto"})
        CHECK_FALSE(load_tuning("", {name + "=" + wrong}));
      continue;
    }
    CHECK(load_tuning("", {name + "=" + key.default_text}));
    auto to = key.range.find(" to ");
    REQUIRE(to != std::string::npos);
    CHECK(load_tuning("", {name + "=" + key.range.substr(0, to)}));
    CHECK(load_tuning("", {name + "=" + key.range.substr(to + 4)}));
    CHECK_FALSE(load_tuning("", {name + "=1000000000"
                                 + (key.unit == "size"       ? "GiB"
                                    : key.unit == "duration" ? "d"
                                                             : "")}));
  }
}

TEST_CASE("an environment variable holds settings with commas or blanks between them") {
  auto texts = [](std::string_view value) {
    std::string all;
    for (const auto& x : overrides_of_variable("SLUICE_SET", value))
      all += "[" + x.text + "]";
    return all;
  };
  CHECK(texts("") == "");
  CHECK(texts(" , ,\n") == "");
  CHECK(texts("http.max_retries=1") == "[http.max_retries=1]");
  CHECK(texts("a=1,b=2, c=3\td=4\ne=5,") == "[a=1][b=2][c=3][d=4][e=5]");
  auto t = load_tuning("", overrides_of_variable("SLUICE_SET", "http.max_retries=1,quota.on_exhausted=finish"));
  REQUIRE(t);
  CHECK(t->http.max_retries == 1);
  CHECK(t->quota.on_exhausted == on_exhausted::finish);
  auto bad = load_tuning("", overrides_of_variable("SLUICE_SET", "http.max_retry=1"));
  REQUIRE_FALSE(bad);
  CHECK(bad.error().message.starts_with("The environment variable SLUICE_SET \"http.max_retry=1\" is not valid: "));
  CHECK(bad.error().message.find("did you mean http.max_retries?") != std::string::npos);
}

TEST_CASE("the tuning guide names every key") {
  auto guide = repository + "/docs/tuning.md";
  if (!std::filesystem::exists(guide))
    return;
  std::ifstream in{guide};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  for (const auto& key : tuning_keys()) {
    CAPTURE(key.name);
    CHECK(text.find(key.name) != std::string::npos);
  }
}

TEST_CASE("no bytes given as a tuning file crash its loader") {
  std::ifstream in{repository + "/config/sluice.yaml"};
  const std::string sample{std::istreambuf_iterator<char>{in}, {}};
  const std::string small
    = "fetchers: {pool_size: 3}\nhttp:\n  read_timeout: 3s # c\n  ca_file: 'x'\nbudget.window: \"1m\"\n";
  CHECK(rc::check("mutated settings end in settings or a clear error", [&] {
    auto text = *rc::gen::oneOf(test::random_text(), test::mutations_of(sample), test::mutations_of(small));
    auto result = detail::read_settings(text);
    if (!result)
      RC_ASSERT(result.error().code == errc::bad_tuning);
  }));
  CHECK(rc::check("random options end in settings or a clear error", [] {
    auto value = *test::random_text();
    auto key = std::string{(*rc::gen::elementOf(tuning_keys())).name};
    auto result = load_tuning("", {key + "=" + value, *test::random_text()});
    if (!result)
      RC_ASSERT(result.error().code == errc::bad_tuning);
  }));
}

TEST_CASE("each key says what set it last") {
  test::temporary_directory files;
  const auto path = files.write("my.yaml", "http:\n  read_timeout: 20s\nfetchers.pool_size: 3\n");
  std::vector<tuning_value> values;
  REQUIRE(load_tuning(path, {"fetchers.pool_size=4"}, &values));
  auto origin_of = [&values](std::string_view name) {
    for (const auto& x : values)
      if (x.name == name)
        return x.text + " by " + x.origin;
    return std::string{};
  };
  CHECK(values.size() == tuning_keys().size());
  CHECK(origin_of("http.read_timeout") == "20s by " + path + ", line 2");
  CHECK(origin_of("fetchers.pool_size") == "4 by --set");
  CHECK(origin_of("http.connect_timeout") == "10s by default");
  CHECK(origin_of("emitter.mailbox_bytes") == "8MiB by default; grows with the pool");
  values.clear();
  REQUIRE(load_tuning("", {"emitter.mailbox_bytes=8MiB"}, &values));
  CHECK(origin_of("emitter.mailbox_bytes") == "8MiB by --set");
}
