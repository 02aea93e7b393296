#include "app/output_files.hpp"

#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace sluice {

namespace {

using named_file = std::pair<const char*, const std::string&>;

bool same_inode(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

std::filesystem::path real_path(const std::string& path) {
  std::error_code problem;
  auto absolute = std::filesystem::absolute(path, problem);
  auto real = std::filesystem::weakly_canonical(absolute, problem);
  return problem ? absolute : real;
}

bool same_file(const std::string& a, const std::string& b) {
  struct stat x {};
  struct stat y {};
  if (::stat(a.c_str(), &x) == 0 && ::stat(b.c_str(), &y) == 0)
    return same_inode(x, y) && !S_ISCHR(x.st_mode);
  return real_path(a) == real_path(b);
}

std::string conflict_with_standard(const named_file& file) {
  struct stat wanted {};
  if (::stat(file.second.c_str(), &wanted) != 0 || S_ISCHR(wanted.st_mode))
    return {};
  auto is = [&wanted](int fd) {
    struct stat open {};
    return ::fstat(fd, &open) == 0 && same_inode(open, wanted);
  };
  std::string start = std::string{file.first} + ": " + file.second + " is where ";
  if (is(STDOUT_FILENO))
    return start + "stdout goes, which carries protocol messages only.";
  // A pipe takes what is written to it in addition; a file would be replaced.
  if (S_ISREG(wanted.st_mode) && is(STDERR_FILENO))
    return start + "stderr goes, which would be overwritten.";
  return {};
}

} // namespace

std::string conflict_of_outputs(const command_line& cl) {
  std::vector<named_file> read{{"--config", cl.config},     {"--catalog", cl.catalog}, {"--state", cl.state},
                               {"--manifest", cl.manifest}, {"--tuning", cl.tuning},   {"FILE", cl.trace_file}};
  std::vector<named_file> written{{"--trace", cl.trace.file},
                                  {"--summary", cl.summary},
                                  {"--metrics", cl.metrics},
                                  {"--html", cl.trace_html},
                                  {"--state-file", cl.state_file}};
  if (cl.command != verb::top)
    written.emplace_back("--control", cl.control);
  for (std::size_t i = 0; i < written.size(); ++i) {
    const auto& file = written[i];
    if (file.second.empty())
      continue;
    for (const auto& other : read)
      if (!other.second.empty() && same_file(file.second, other.second))
        return std::string{file.first} + ": " + file.second + " is the file of " + other.first
               + ", which would be overwritten.";
    for (std::size_t k = 0; k < i; ++k)
      if (!written[k].second.empty() && same_file(file.second, written[k].second))
        return std::string{file.first} + ": " + file.second + " is the file of " + written[k].first
               + ", too; each needs one of its own.";
    if (file.second != cl.trace_html)
      if (auto conflict = conflict_with_standard(file); !conflict.empty())
        return conflict;
  }
  struct stat metrics {};
  if (!cl.metrics.empty() && ::stat(cl.metrics.c_str(), &metrics) == 0 && S_ISFIFO(metrics.st_mode))
    return "--metrics: " + cl.metrics + " is a pipe; it must be a file, because it is replaced every second.";
  return {};
}

} // namespace sluice
