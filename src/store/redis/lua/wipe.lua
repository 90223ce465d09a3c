-- KEYS: life, feed, index, expiries, entries. ARGV: now, their keys.
local wiped, now = 0, string.format('%020.0f', tonumber(over(ARGV[1])))
for at = 5, #KEYS do
    local entry = read(KEYS[at])
    if not entry or expires(entry) <= now then
        redis.call('DEL', KEYS[at])
        redis.call('ZREM', KEYS[3], ARGV[at - 3])
        redis.call('ZREM', KEYS[4], ARGV[at - 3])
        wiped = wiped + 1
    end
end
return wiped
