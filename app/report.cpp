#include "app/report.hpp"

#include "app/summary.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace sluice {

int report_result(const run_result& result, const command_line& cl, console& c) {
  auto text = c.secrets()->apply(summary_text(result));
  std::fputs(text.c_str(), stderr);
  if (cl.summary.empty())
    return result.exit_code;
  int fd = ::open(cl.summary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  auto json = c.secrets()->apply(summary_json(result));
  bool written = fd >= 0 && fd_line_writer{fd}.write(json).has_value();
  if (!written)
    std::fprintf(stderr, "sluice: the summary file %s cannot be written: %s\n", cl.summary.c_str(),
                 std::strerror(errno));
  if (fd >= 0)
    ::close(fd);
  return result.exit_code;
}

} // namespace sluice
