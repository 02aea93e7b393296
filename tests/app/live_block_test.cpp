#include "app/terminal.hpp"
#include "tests/support/catch2.hpp"

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>

using namespace sluice;
using namespace std::chrono_literals;

namespace {

/// A pipe in place of a terminal: tells which codes were written.
struct fake_terminal {
  fake_terminal() { REQUIRE(::pipe2(fds.data(), O_CLOEXEC | O_NONBLOCK) == 0); }
  ~fake_terminal() {
    ::close(fds[0]);
    ::close(fds[1]);
  }
  /// What was written since the last call.
  std::string written() {
    std::string text;
    std::array<char, 4096> buffer{};
    for (ssize_t n = 0; (n = ::read(fds[0], buffer.data(), buffer.size())) > 0;)
      text.append(buffer.data(), static_cast<std::size_t>(n));
    return text;
  }
  std::array<int, 2> fds{};
};

class collecting_writer final : public line_writer {
public:
  explicit collecting_writer(int fd) : fd_(fd) {}
  expected<void> write(std::string_view text) override {
    REQUIRE(::write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    return {};
  }

private:
  int fd_;
};

const std::string two_lines = "\033[?7l\r\033[Ja\nb\r\033[1A\033[?7h";

class with_variable {
public:
  with_variable(const char* name, const char* value) : name_(name) {
    const char* before = std::getenv(name);
    had_ = before != nullptr;
    before_ = had_ ? before : "";
    if (value == nullptr)
      ::unsetenv(name);
    else
      ::setenv(name, value, 1);
  }
  ~with_variable() {
    if (had_)
      ::setenv(name_, before_.c_str(), 1);
    else
      ::unsetenv(name_);
  }
  with_variable(const with_variable&) = delete;
  with_variable& operator=(const with_variable&) = delete;

private:
  const char* name_;
  bool had_ = false;
  std::string before_;
};

} // namespace

TEST_CASE("a block is painted, and the cursor rests at its first line") {
  fake_terminal t;
  live_block block{t.fds[1]};
  block.show({"a", "b"});
  CHECK(t.written() == two_lines);
  block.show({"a"});
  CHECK(t.written() == "\033[?7l\r\033[Ja\r\033[?7h");
  block.erase();
  CHECK(t.written() == "\r\033[J");
  block.erase();
  CHECK(t.written().empty());
}

TEST_CASE("lines are printed above the block, in one piece with it") {
  fake_terminal t;
  live_block block{t.fds[1]};
  block.print_above("first\n");
  CHECK(t.written() == "first\n");
  block.show({"a", "b"});
  t.written();
  block.print_above("log\n");
  CHECK(t.written() == "\r\033[Jlog\n" + two_lines);
}

TEST_CASE("the block gives way to messages on the same terminal until it is shown again") {
  fake_terminal t;
  auto block = std::make_shared<live_block>(t.fds[1]);
  block->show({"a", "b"});
  t.written();
  writer_beside_block out{std::make_shared<collecting_writer>(t.fds[1]), block};
  REQUIRE(out.write("{\"type\":\"RECORD\"}\n"));
  REQUIRE(out.write("{\"type\":\"STATE\"}\n"));
  CHECK(t.written() == "\r\033[J{\"type\":\"RECORD\"}\n{\"type\":\"STATE\"}\n");
  block->show({"a", "b"});
  CHECK(t.written() == two_lines);
}

TEST_CASE("who cannot wait gets the codes that erase the block") {
  fake_terminal t;
  live_block block{t.fds[1]};
  CHECK(block.give_way(1ms).empty());
  block.show({"a", "b"});
  CHECK(block.give_way(1ms) == "\r\033[J");
  CHECK(block.give_way(1ms).empty());
}

TEST_CASE("who cannot wait does not wait for a terminal that holds up another") {
  fake_terminal t;
  auto block = std::make_shared<live_block>(t.fds[1]);
  struct asking final : line_writer {
    expected<void> write(std::string_view) override {
      // In the middle of this write, as a watchdog would on its own thread.
      std::thread{[this] { answer = block->give_way(std::chrono::milliseconds{1}); }}.join();
      return {};
    }
    std::shared_ptr<live_block> block;
    std::string answer;
  };
  auto held = std::make_shared<asking>();
  held->block = block;
  block->show({"a"});
  REQUIRE(block->write_beside(*held, "x\n"));
  CHECK(held->answer == "\n");
}

TEST_CASE("without a terminal the screen is what the environment says, without colours") {
  fake_terminal t;
  with_variable columns{"COLUMNS", "132"};
  with_variable lines{"LINES", "50"};
  auto s = screen_of(t.fds[1]);
  CHECK(s.columns == 132);
  CHECK(s.rows == 50);
  CHECK_FALSE(s.colour);
  CHECK_FALSE(can_draw_on(t.fds[1]));
  with_variable nonsense{"COLUMNS", "-3"};
  with_variable none{"LINES", nullptr};
  CHECK(screen_of(t.fds[1]).columns == 80);
  CHECK(screen_of(t.fds[1]).rows == 24);
}

TEST_CASE("UTF-8 is what the first locale variable that is set says") {
  fake_terminal t;
  with_variable all{"LC_ALL", nullptr};
  with_variable type{"LC_CTYPE", "de_DE.UTF-8"};
  with_variable lang{"LANG", "C"};
  CHECK(screen_of(t.fds[1]).utf8);
  with_variable over{"LC_ALL", "POSIX"};
  CHECK_FALSE(screen_of(t.fds[1]).utf8);
  with_variable empty{"LC_ALL", ""};
  with_variable lower{"LC_CTYPE", "C.utf8"};
  CHECK(screen_of(t.fds[1]).utf8);
}

TEST_CASE("colours need a terminal that can draw and the user's consent") {
  int fd = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  with_variable term{"TERM", "xterm"};
  with_variable no_colour{"NO_COLOR", nullptr};
  CHECK(screen_of(fd).colour);
  {
    with_variable refused{"NO_COLOR", "1"};
    CHECK_FALSE(screen_of(fd).colour);
    with_variable empty{"NO_COLOR", ""};
    CHECK(screen_of(fd).colour);
  }
  with_variable dumb{"TERM", "dumb"};
  CHECK_FALSE(screen_of(fd).colour);
  CHECK_FALSE(can_draw_on(fd));
  ::close(fd);
}
