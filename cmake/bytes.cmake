# Writes the bytes of the file `from` to the file `to` as C has them between the braces of an array,
# 16 in a line: cmake -Dfrom=FILE -Dto=FILE -P bytes.cmake
file(READ "${from}" bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REPEAT "0x..," 16 line)
string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
file(WRITE "${to}" "${bytes}\n")
