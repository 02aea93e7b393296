#include "config/files.hpp"

#include "tests/support/catch2.hpp"
#include "tests/support/random_bytes.hpp"
#include "tests/support/temporary_file.hpp"

#include <array>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace sluice;
using test::temporary_directory;

namespace {

/// The message of the error that must come; checks the error's kind on the way.
std::string refusal(const std::string& path, std::uint64_t max_bytes = 1000) {
  auto text = read_text_file(path, "config file", max_bytes);
  REQUIRE(!text);
  CHECK(text.error().code == errc::unreadable_file);
  CHECK(text.error().failure == failure_type::config_error);
  return text.error().message;
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a text file is read whole, without its byte order mark") {
  temporary_directory dir;
  CHECK(read_text_file(dir.write("a", "{}\n"), "config file", 3) == "{}\n");
  CHECK(read_text_file(dir.write("b", "\xEF\xBB\xBF{\"\u20ac\":1}"), "config file", 100) == "{\"\u20ac\":1}");
  std::string large(300000, 'x');
  CHECK(read_text_file(dir.write("c", large), "config file", large.size()) == large);
}

TEST_CASE("what cannot be read gets an error that names the file and what is wrong") {
  temporary_directory dir;
  CHECK(refusal(dir.path("none")) == "The config file \"" + dir.path("none") + "\" does not exist. Check the path.");
  CHECK(contains(refusal(dir.write("f", "x") + "/below"), "does not exist"));
  CHECK(contains(refusal(dir.path("")), "is a directory, not a file"));
  CHECK(contains(refusal("/dev/null"), "is a device or a terminal, not a file"));
  CHECK(contains(refusal(""), "The path of the config file is empty"));
  CHECK(contains(refusal(std::string{"a\0b", 3}), "NUL"));
  CHECK(contains(refusal(std::string(5000, 'x')), "cannot be read: "));
  CHECK(contains(refusal(dir.write("empty", "")), "is empty."));
  CHECK(contains(refusal(dir.write("blank", "\xEF\xBB\xBF \n\t")), "is empty."));
  CHECK(contains(refusal(dir.write("large", std::string(11, 'x')), 10), "is larger than 10 bytes"));
}

TEST_CASE("a file without read permission is refused") {
  if (::geteuid() == 0)
    return; // root may read everything
  temporary_directory dir;
  auto path = dir.write("secret", "x");
  ::chmod(path.c_str(), 0);
  CHECK(contains(refusal(path), "permission denied"));
}

TEST_CASE("text that is not UTF-8 is refused with the offset of the first wrong byte") {
  temporary_directory dir;
  CHECK(contains(refusal(dir.write("latin1", "ab\nc\xE9"
                                             "d")),
                 "is not UTF-8: byte 0xE9 at offset 4 (line 2)"));
  CHECK(contains(refusal(dir.write("utf16", std::string_view{"\xFF\xFE{\0", 4})), "is UTF-16, not UTF-8"));
}

TEST_CASE("a named pipe is refused at once, also without a writer") {
  temporary_directory dir;
  auto path = dir.path("fifo");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(contains(refusal(path), "is a named pipe"));
}

TEST_CASE("an anonymous pipe is read to its end, up to the bound") {
  auto through_pipe = [](const std::string& content, std::uint64_t max_bytes) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    std::thread writer{[&] {
      // Fails with EPIPE once the reader has given up.
      for (std::size_t done = 0; done < content.size();) {
        auto n = ::write(ends[1], content.data() + done, content.size() - done);
        if (n <= 0)
          break;
        done += static_cast<std::size_t>(n);
      }
      ::close(ends[1]);
    }};
    auto result = read_text_file("/dev/fd/" + std::to_string(ends[0]), "config file", max_bytes);
    ::close(ends[0]);
    writer.join();
    return result;
  };
  std::string large(200000, 'y');
  CHECK(through_pipe("{}", 100) == "{}");
  CHECK(through_pipe(large, large.size()) == large);
  auto refused = through_pipe(large, large.size() - 1);
  REQUIRE(!refused);
  CHECK(contains(refused.error().message, "is larger than 199999 bytes"));
  auto empty = through_pipe("", 100);
  REQUIRE(!empty);
  CHECK(contains(empty.error().message, "is empty"));
}
