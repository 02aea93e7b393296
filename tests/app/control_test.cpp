#include "app/control/client.hpp"
#include "app/control/server.hpp"
#include "app/control/status.hpp"
#include "app/masked.hpp"
#include "app/top_view.hpp"
#include "tests/app/sample_run.hpp"
#include "tests/support/catch2.hpp"
#include "tests/support/json.hpp"
#include "tests/support/temporary_file.hpp"

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

using namespace sluice;
using namespace sluice::test;
using namespace std::chrono_literals;

namespace {

/// A run that takes every pool size up to 48 and knows one policy.
control_hooks some_run(std::atomic<int>* changes = nullptr) {
  control_hooks hooks;
  hooks.status = [] { return status_json(sample_run(), {}, {}); };
  hooks.change = [changes](const retune& wanted) {
    if (wanted.pool_size > 48)
      return retuned{{}, "A pool of " + std::to_string(wanted.pool_size) + " is too large."};
    for (const auto& x : wanted.limits)
      if (x.policy != "minute")
        return retuned{{}, "There is no rate policy `" + x.policy + "`."};
    if (changes != nullptr)
      ++*changes;
    return retuned{{"pool size 10 -> " + std::to_string(wanted.pool_size)}, ""};
  };
  return hooks;
}

struct running_server {
  temporary_directory files;
  std::string path = files.path("run.sock");
  std::unique_ptr<control_server> server;

  explicit running_server(control_hooks hooks = some_run()) {
    auto opened = control_server::open(path);
    REQUIRE(opened);
    server = std::move(*opened);
    server->serve(std::move(hooks));
  }
  control_answer ask(const std::string& method, const std::string& target, const std::string& body = {}) const {
    auto answer = ask_run(path, method, target, body, 20s);
    REQUIRE(answer);
    REQUIRE(*answer);
    return **answer;
  }
};

/// A connection over which nothing is said.
class silent_client {
public:
  explicit silent_client(const std::string& path, const std::string& beginning = {})
    : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    REQUIRE(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::write(fd_, beginning.data(), beginning.size()) == static_cast<ssize_t>(beginning.size()));
  }
  ~silent_client() { ::close(fd_); }
  silent_client(const silent_client&) = delete;
  silent_client& operator=(const silent_client&) = delete;

private:
  int fd_;
};

std::string problem_of(const std::string& path) {
  auto opened = control_server::open(path);
  return opened ? "" : opened.error().message;
}

bool exists(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0;
}

} // namespace

TEST_CASE("the control socket tells the status and makes changes") {
  running_server run;
  auto status = run.ask("GET", "/status");
  CHECK(status.status == 200);
  CHECK(status.body == status_json(sample_run(), {}, {}));
  CHECK(run.ask("GET", "/status?pretty").status == 200);
  for (const auto* method : {"PUT", "PATCH"}) {
    auto changed = run.ask(method, "/settings", R"({"fetchers.pool_size":20,"limits":{"minute":60}})");
    CHECK(changed.status == 200);
    CHECK(changed.body == "{\"changes\":[\"pool size 10 -> 20\"]}\n");
  }
}

TEST_CASE("the control socket says what is wrong with a request, and changes nothing") {
  std::atomic<int> changes{0};
  running_server run{some_run(&changes)};
  struct wrong {
    const char* method;
    const char* target;
    std::string body;
    int status;
    const char* says;
  };
  const auto c = GENERATE(
    values<wrong>({{"GET", "/", "", 404, "GET /status and PUT /settings"},
                   {"POST", "/status", "{}", 405, "Only GET"},
                   {"GET", "/settings", "", 405, "PUT, PATCH"},
                   {"PUT", "/settings", "{", 400, "must be a JSON object"},
                   {"PUT", "/settings", "{}", 400, "No setting is given"},
                   {"PUT", "/settings", R"({"pool":3})", 400, "no setting `pool`"},
                   {"PUT", "/settings", R"({"fetchers.pool_size":0})", 400, "whole number from 1"},
                   {"PUT", "/settings", R"({"fetchers.pool_size":"20"})", 400, "whole number from 1"},
                   {"PUT", "/settings", R"({"limits":{"minute":-1}})", 400, "limit of `minute`"},
                   {"PUT", "/settings", R"({"limits":3})", 400, "`limits` must be an object"},
                   {"PUT", "/settings", R"({"limits":{"hour":1}})", 400, "no rate policy `hour`"},
                   {"PUT", "/settings", R"({"fetchers.pool_size":49})", 400, "A pool of 49 is too large"},
                   {"PUT", "/settings", std::string(max_settings_bytes + 1, ' '), 413, "longer than 64 KiB"}}));
  INFO(c.method << " " << c.target << " " << c.body.substr(0, 60));
  auto answer = run.ask(c.method, c.target, c.body);
  CHECK(answer.status == c.status);
  auto said = parse_changes(answer.body);
  REQUIRE(said);
  CHECK(said->changes.empty());
  INFO(said->problem);
  CHECK(said->problem.find(c.says) != std::string::npos);
  CHECK(changes == 0);
}

TEST_CASE("before its first numbers a run asks for patience") {
  auto hooks = some_run();
  hooks.status = [] { return std::string{}; };
  running_server run{hooks};
  CHECK(run.ask("GET", "/status").status == 503);
}

TEST_CASE("no answer of the control socket holds a secret") {
  auto hooks = some_run();
  auto secrets = std::make_shared<redactor>();
  secrets->add("s3cr3t");
  hooks.secrets = secrets;
  hooks.status = [secrets] {
    auto x = sample_run();
    x.records.streams.at(0).state = "token s3cr3t";
    return status_json(masked(x, *secrets), {}, {});
  };
  running_server run{hooks};
  CHECK(run.ask("GET", "/status").body.find(R"("state":"token ****")") != std::string::npos);
  CHECK(run.ask("PUT", "/settings", R"({"s3cr3t": 1})").body.find("There is no setting `****`") != std::string::npos);
}

TEST_CASE("the socket is its owner's alone, and goes when the run ends") {
  std::string path;
  temporary_directory files;
  path = files.path("run.sock");
  {
    auto server = control_server::open(path);
    REQUIRE(server);
    struct stat found {};
    REQUIRE(::lstat(path.c_str(), &found) == 0);
    CHECK(S_ISSOCK(found.st_mode));
    CHECK((found.st_mode & 07777) == 0600);
  }
  CHECK_FALSE(exists(path));
  auto answer = ask_run(path, "GET", "/status", "", 1s);
  REQUIRE(answer);
  CHECK_FALSE(*answer);
}

TEST_CASE("a socket that is in use, another file, or a path that cannot be is refused and left alone") {
  running_server run;
  CHECK(problem_of(run.path).find("another run listens there") != std::string::npos);
  CHECK(run.ask("GET", "/status").status == 200);

  auto file = run.files.write("file", "precious");
  CHECK(problem_of(file).find("there is another file of that name") != std::string::npos);
  CHECK(exists(file));
  CHECK(problem_of(run.files.path("no/such/directory")).find("No such file") != std::string::npos);
  CHECK(problem_of("/tmp/" + std::string(200, 'x')).find("longer than the 107 bytes") != std::string::npos);
}

TEST_CASE("a socket that a killed run left behind is replaced") {
  temporary_directory files;
  auto path = files.path("run.sock");
  {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size());
    int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    ::close(fd);
  }
  REQUIRE(exists(path));
  auto server = control_server::open(path);
  REQUIRE(server);
  (*server)->serve(some_run());
  auto answer = ask_run(path, "GET", "/status", "", 20s);
  REQUIRE(answer);
  REQUIRE(*answer);
  CHECK((*answer)->status == 200);
}

TEST_CASE("clients that say nothing, or not all, hold up neither others nor the end") {
  running_server run;
  silent_client a{run.path};
  silent_client b{run.path, "GET /sta"};
  silent_client c{run.path, "PUT /settings HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"};
  CHECK(run.ask("GET", "/status").status == 200);
  auto began = std::chrono::steady_clock::now();
  run.server.reset();
  // Far less than the time that a silent client has.
  CHECK(std::chrono::steady_clock::now() - began < 4s);
}

TEST_CASE("clients that came before the run answers get their answer") {
  temporary_directory files;
  auto path = files.path("run.sock");
  auto server = control_server::open(path);
  REQUIRE(server);
  int status = 0;
  std::thread early{[&] {
    auto answer = ask_run(path, "GET", "/status", "", 20s);
    status = answer && *answer ? (*answer)->status : -1;
  }};
  (*server)->serve(some_run());
  early.join();
  CHECK(status == 200);
}

TEST_CASE("settings are written as they are read") {
  retune wanted{20, {{"minute", 60}, {"a \"b\"", 7}}};
  auto json = settings_json(wanted);
  CHECK(json == "{\"fetchers.pool_size\":20,\"limits\":{\"minute\":60,\"a \\\"b\\\"\":7}}\n");
  auto read = parse_settings(json);
  REQUIRE(read);
  CHECK(read->pool_size == 20);
  REQUIRE(read->limits.size() == 2);
  CHECK(read->limits[1].policy == "a \"b\"");
  CHECK(read->limits[1].limit == 7);
}

TEST_CASE("a status can be read back as far as top shows it") {
  auto x = sample_run();
  auto read = parse_status(status_json(x, {}, {}));
  REQUIRE(read);
  // Whatever is shown of the one is shown of the other.
  screen s;
  s.columns = 100;
  auto text = [&](const run_snapshot& of) {
    std::string all;
    for (const auto& line : top_lines(std::nullopt, of, s))
      all += rendered(line, true) + "\n";
    return all;
  };
  CHECK(text(*read) == text(x));
  CHECK(read->left_us == x.left_us);
  CHECK(read->records.streams.size() == x.records.streams.size());
  CHECK_FALSE(parse_status("[]"));
  CHECK_FALSE(parse_status("<html>"));
  CHECK(parse_status("{}")->requests_left == -1);
  CHECK(parse_status(R"({"streams":[3,{"name":4}],"pool_size":"x"})")->records.streams.size() == 2);
}

TEST_CASE("a status names each actor, what it does and since when") {
  const flight_time now{100s};
  flight_view idle;
  idle.actor = 7;
  idle.name = "governor";
  idle.mailbox = 2;
  idle.handled = 40;
  idle.messages.push_back({0, 0, flight_time{90s}, 2s});
  auto waiting = idle;
  waiting.name = "fetcher";
  waiting.waits_for = outside::answer;
  waiting.wait_changed = flight_time{97s};
  waiting.wait_text = "surveys page 1, try 1";
  waiting.messages.front().took = std::chrono::nanoseconds{-1};
  auto busy = waiting;
  busy.waits_for = outside::nothing;
  auto ended = idle;
  ended.ended = true;
  auto json = status_json(sample_run(), {idle, waiting, busy, ended}, now);
  auto root = json_object(json);
  auto actors = root->getArray("each_actor");
  REQUIRE(actors->size() == 4);
  auto of = [&](unsigned i, const char* key) { return actors->getObject(i)->get(key).toString(); };
  CHECK(of(0, "kind") == "governor");
  CHECK(of(0, "id") == "7");
  CHECK(of(0, "state") == "idle");
  CHECK(of(0, "since_us") == "8000000");
  CHECK(of(0, "mailbox") == "2");
  CHECK(of(0, "messages") == "40");
  CHECK(of(1, "state") == "waiting");
  CHECK(of(1, "since_us") == "3000000");
  CHECK(of(1, "waits_for") == "answer");
  CHECK(of(1, "wait") == "surveys page 1, try 1");
  CHECK(of(2, "state") == "busy");
  CHECK(of(2, "since_us") == "10000000");
  CHECK(of(2, "wait").empty());
  CHECK(of(3, "state") == "ended");
}

TEST_CASE("secrets are masked in what the socket answers, and spoil neither its keys nor its numbers") {
  redactor secrets;
  for (const auto* secret : {"000", "problem", "pool_size", "name", "true"})
    secrets.add(secret);
  auto hooks = some_run();
  hooks.secrets = std::make_shared<redactor>(secrets);
  hooks.status = [secrets] {
    flight_view actor;
    actor.name = "fetcher";
    actor.waits_for = outside::answer;
    actor.wait_text = "name=000 page 1";
    return status_json(masked(sample_run(), secrets), masked(std::vector{actor}, secrets), {});
  };
  running_server run{hooks};
  auto body = run.ask("GET", "/status").body;
  auto status = parse_status(body);
  REQUIRE(status);
  CHECK(status->elapsed_us == sample_run().elapsed_us);
  CHECK(status->records.streams.at(0).name == sample_run().records.streams.at(0).name);
  CHECK(body.find(R"("wait":"****=**** page 1")") != std::string::npos);
  for (const auto* wanted : {R"({"fetchers.pool_size": 1000})", R"({"no name": 000})", R"({"000": true})"}) {
    auto answer = run.ask("PUT", "/settings", wanted);
    CAPTURE(answer.body);
    CHECK(answer.status == 400);
    auto done = parse_changes(answer.body);
    REQUIRE(done);
    CHECK_FALSE(done->problem.empty());
    CHECK(done->problem.find("000") == std::string::npos);
  }
}

TEST_CASE("the end of a run removes its own socket, not what somebody put in its place") {
  temporary_directory files;
  auto path = files.path("run.sock");
  {
    auto opened = control_server::open(path);
    REQUIRE(opened);
    REQUIRE(::unlink(path.c_str()) == 0);
    std::ofstream{path} << "precious";
  }
  std::string kept;
  std::getline(std::ifstream{path}, kept);
  CHECK(kept == "precious");
  REQUIRE(::unlink(path.c_str()) == 0);
  auto first = control_server::open(path);
  REQUIRE(first);
  REQUIRE(::unlink(path.c_str()) == 0);
  auto second = control_server::open(path);
  REQUIRE(second);
  first->reset();
  CHECK(std::filesystem::exists(path));
  second->reset();
  CHECK_FALSE(std::filesystem::exists(path));
}
