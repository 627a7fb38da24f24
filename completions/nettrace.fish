# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion of nettrace: the program itself knows the candidates.
function __nettrace_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l lines (command $words[1] __complete $words[2..-1] 2>/dev/null)
    switch "$lines[1]"
        case :files
            __nettrace_paths __fish_complete_path (commandline -ct)
        case :dirs
            __nettrace_paths __fish_complete_directories (commandline -ct)
        case '*'
            printf '%s\n' $lines
    end
end

# File names, behind "--option=" too.
function __nettrace_paths
    set -l lead (string match -r -- '^--[^=]*=' $argv[2])
    for path in ($argv[1] (string replace -r -- '^--[^=]*=' '' $argv[2]))
        echo "$lead$path"
    end
end
complete -c nettrace -f -a '(__nettrace_complete)'
