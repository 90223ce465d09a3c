-- Begins every other script. KEYS[1] is the life, a hash; KEYS[2] the feed, a stream.

-- Microseconds by this server, below 2^53 until the year 2255: a Lua number holds them exactly.
local function micros()
    local time = redis.call('TIME')
    return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

-- An entry can be wiped once its writer's clock and ours agree that it is over: one host whose
-- clock is ahead must not forget for the others what they still need.
local function over(now)
    return string.format('%.0f', math.min(tonumber(now), math.floor(micros() / 1000)))
end

-- When this life of the store began, and the last number given in it. A store that was emptied
-- begins a new one.
local function life()
    local known = redis.call('HMGET', KEYS[1], 'born', 'last')
    if known[1] and known[2] and redis.call('EXISTS', KEYS[2]) == 1 then
        return known[1], known[2]
    end
    local born = string.format('%.0f', math.max(micros(), (tonumber(known[2]) or 0) + 1))
    redis.call('HSET', KEYS[1], 'born', born, 'last', born)
    redis.call('DEL', KEYS[2])
    redis.call('XADD', KEYS[2], born .. '-0', 'born', '')
    return born, born
end

-- The next number, never given before: time leads it, so it is new as well where a server lost its
-- last writes or all of them. Announces what it is for.
local function announce(most, what, name)
    local _, last = life()
    local number = string.format('%.0f', math.max(micros(), tonumber(last) + 1))
    redis.call('XADD', KEYS[2], 'MAXLEN', most, number .. '-0', what, name)
    redis.call('HSET', KEYS[1], 'last', number)
    return number
end

-- An entry as it is stored: version and expiry, 20 digits each, then the value.
local function read(key)
    local entry = redis.call('GET', key)
    if entry and (#entry < 40 or string.find(string.sub(entry, 1, 40), '%D')) then
        error('WRONGTYPE foreign value')
    end
    return entry
end

local function expires(entry)
    return string.sub(entry, 21, 40)
end
